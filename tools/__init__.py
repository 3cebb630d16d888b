"""Small programs beside it."""
