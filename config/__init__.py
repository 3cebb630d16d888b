"""Settings: what may be configured, its defaults and its errors."""
