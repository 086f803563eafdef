"""Package, validate and deploy a stage."""
