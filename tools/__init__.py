"""Small programs beside the system, for when it does not answer."""
