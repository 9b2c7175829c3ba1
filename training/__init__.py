"""Trains the systems of the course: one script a system, seeded and resumable.

`python -m training` runs all of them, `python -m training NAME...` some. Each script has a
`main(fresh)` that trains, and writes weights and a card through `training.common.publish`.
"""
