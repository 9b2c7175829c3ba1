"""What runs outside the box: starting it, its layers, groups of processes, attempts at a job."""
