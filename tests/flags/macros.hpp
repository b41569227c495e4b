#pragma once

// Macros of other people's headers with the names of everyday words. Each is as its own header has it, or empty where it stands for nothing there.

// Qt, without QT_NO_KEYWORDS
#define slots
#define signals public
#define emit
#define foreach(a, b) for (a : b)
#define forever for (;;)
// X11
#define None 0L
#define Bool int
#define Status int
#define Success 0
#define True 1
#define False 0
#define Always 2
#define Complex 0
#define Unsorted 0
#define KeyPress 2
#define FocusIn 9
#define FocusOut 10
#define Above 0
#define Below 1
#define Opposite 4
#define CursorShape 0
#define Expose 12
#define GrayScale 1
#define DestroyAll 0
#define GenericEvent 35
// <windows.h>, without NOMINMAX
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define ERROR 0
#define DELETE 0
#define VOID void
#define CONST const
#define NO_ERROR 0
#define IGNORE 0
#define INFINITE 0xFFFFFFFF
#define CreateEvent CreateEventA
#define CreateMutex CreateMutexA
#define CreateSemaphore CreateSemaphoreA
#define CreateProcess CreateProcessA
#define CreateFile CreateFileA
#define GetMessage GetMessageA
#define GetObject GetObjectA
#define SendMessage SendMessageA
#define DeleteFile DeleteFileA
#define Yield()
// g++ with -std=gnu++20, Objective-C, Linux
#define linux 1
#define unix 1
#if __has_include(<sys/sysmacros.h>)
#    include <sys/sysmacros.h> // major, minor, makedev
#endif
#define YES 1
#define NO 0
#define nil 0
#define DEBUG 1
#define TRACE 1
#define likely(x) (x)
#define unlikely(x) (x)
// <curses.h>; Unreal Engine, AssertMacros.h
#define timeout(delay) wtimeout(stdscr, delay)
#define check(expression) static_cast<void>(0)
#define verify(expression) static_cast<void>(0)
#define require(expression) static_cast<void>(0)
