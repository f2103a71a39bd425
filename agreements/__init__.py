"""What is agreed and how it is kept alive: agreements, parties, mechanisms, timetable, tasks."""
