"""Request and response models of the native API, and their conversion from and to the domain."""
