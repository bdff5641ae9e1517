"""Wire shapes: what is read, judged by the domain's rules, and what is told."""
