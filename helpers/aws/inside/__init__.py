"""What runs in the local AWS's container: MiniStack, with what it leaves out put in.

Nothing outside imports this package, and it imports nothing of the course: the folder is copied
into the image as it stands. Each module mends one thing and says what it replaces; all of it is
written for one exact version (`helpers.aws.local.packages.MINISTACK`).
"""
