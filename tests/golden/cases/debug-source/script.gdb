break orders.c:18
continue
step
step
step
frame
bt 3
finish
next
next
step
bt 2
delete
detach
