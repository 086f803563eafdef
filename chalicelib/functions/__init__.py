"""The entry points of the functions in Lambda.

Loading one of these modules creates the services that its function uses. Lambda loads it with the CPU of a
large function, whatever the memory, and with SnapStart before the snapshot.
"""
