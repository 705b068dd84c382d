"""The pages: layout only. Dash executes these modules itself, and again for every app."""
