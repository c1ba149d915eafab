"""Retry and Projects inside Flower, added by the configuration file that stock Flower executes. Nothing is copied.

flowerconfig  the file for `celery -A worker.celery flower --conf=…`: our handlers, and safe settings
doors         what stands before every handler: no frames, no foreign names, wrong logins are slowed
attempts      wrong logins, by address
reach         refuses to start a Flower that others reach without a login
handlers      Flower's task pages with Retry and local times, the address that Retry posts to, the pages of projects
navigation    the link to Projects in Flower's own navigation
readable      a task's result and failure as one line
retry         what may be retried and what happens then: the job table decides, Flower only asks
projects      what the Projects page shows, and what its buttons do
one_project   what the page of one project shows
one_record    where one of its records stands, and its button
markup        times and commands as markup
"""
