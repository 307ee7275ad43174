"""What is found out about a function before and after it is lowered."""
