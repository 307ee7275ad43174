"""What the file of the embedded engine promises: crashes, damage, full disks, repeats."""
