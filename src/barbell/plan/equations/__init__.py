"""The seven equations, one file each; `docs/guide/equations.md` states them and this code follows it symbol by symbol."""
