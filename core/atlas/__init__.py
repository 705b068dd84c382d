"""The atlas store on disk: manifest, arrays, gene index, vocabulary and catalogue."""
