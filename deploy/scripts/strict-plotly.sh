#!/bin/sh
# Fetch plotly.js without eval from npm, of the very version that the installed plotly writes figures for.
# The app serves it instead of the usual one, and its pages then forbid eval. Needs npm; usage:
#   deploy/scripts/strict-plotly.sh [VERSION [FILE]]
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
version=${1:-$("$python" -c 'from plotly.offline import get_plotlyjs_version; print(get_plotlyjs_version())')}
target=${2:-assets/vendor/plotly-strict.min.js}

if ! command -v npm >/dev/null; then
  echo "strict-plotly: npm is not installed; on Debian: apt install npm" >&2
  exit 2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack "plotly.js-strict-dist-min@$version" --pack-destination "$folder" --loglevel=error >/dev/null
tar -xzf "$folder"/*.tgz -C "$folder"
if ! head -c 200 "$folder/package/plotly-strict.min.js" | grep -qF "plotly.js (strict - minified) v$version"; then
  echo "strict-plotly: what npm gave is not the strict plotly.js $version" >&2
  exit 1
fi
mkdir -p "$(dirname "$target")"
# Readable by the server's user, and never half a file at that address.
install -m 644 "$folder/package/plotly-strict.min.js" "$target.new"
mv "$target.new" "$target"
echo "$target: plotly.js $version"
