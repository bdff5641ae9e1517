"""Request and response models of the native API, and their way to and from the domain."""
