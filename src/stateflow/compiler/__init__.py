"""The compiler: annotated classes to resumable code, stage by stage."""
