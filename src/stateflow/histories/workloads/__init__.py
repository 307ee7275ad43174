"""Classes whose transactions report what they saw, and requests to them in random mixes."""
