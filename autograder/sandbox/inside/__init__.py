"""What runs in the box: the fork server, the child that holds a student's code, its usage."""
