"""What people read: the student's page, the class report, item analysis, files for an LMS."""
