#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/unicode.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <winternl.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// \file
/// Of the session's named objects, what Win32 has no calls for and the system itself (ntdll) is asked: which there are, what an open one is
/// called, and how a file mapping was made; and who started this process.

namespace multiprocessing::platform::windows {

/// The namespace of the session, where any process may make names. Names without it mean the same (CPython's do).
[[nodiscard]] inline std::wstring session_name(std::string_view name) { return L"Local\\" + to_wide(name); }

/// A function of the system's own, which every Windows has and no import library names.
template <class Function>
[[nodiscard]] Function* native_call(const char* name) {
    const FARPROC found = ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), name);
    if (found == nullptr) {
        throw_os_error(last_os_error(), "GetProcAddress", name);
    }
    return reinterpret_cast<Function*>(reinterpret_cast<void*>(found));
}

[[noreturn]] inline void throw_status(NTSTATUS status, std::string_view call, std::string_view object) {
    using code_of_status = ULONG NTAPI(NTSTATUS);
    throw_os_error(static_cast<int>(native_call<code_of_status>("RtlNtStatusToDosError")(status)), call, object);
}

/// The number of the process that started this one, also when that has ended since. 0: the system does not say.
[[nodiscard]] inline std::uint64_t number_of_parent() {
    struct basic_information {
        NTSTATUS exit_status;
        void* environment_block;
        ULONG_PTR affinity;
        LONG priority;
        ULONG_PTR number;
        ULONG_PTR parent;
    };
    using query_process = NTSTATUS NTAPI(HANDLE, int, void*, ULONG, ULONG*);
    basic_information about{};
    const NTSTATUS status = native_call<query_process>("NtQueryInformationProcess")(::GetCurrentProcess(), 0, &about, sizeof(about), nullptr);
    return status < 0 ? 0 : about.parent;
}

/// How a file mapping was made: its size in bytes, and whether of pages that were only reserved (SEC_RESERVE).
struct section_information {
    std::uint64_t size;
    bool reserved;
};

/// The handle must have SECTION_QUERY.
[[nodiscard]] inline section_information ask_section(native_handle section, std::string_view object) {
    struct basic_information {
        void* base;
        ULONG attributes;
        LARGE_INTEGER size;
    };
    using query_section = NTSTATUS NTAPI(HANDLE, int, void*, SIZE_T, SIZE_T*);
    basic_information about{};
    if (const NTSTATUS status = native_call<query_section>("NtQuerySection")(section, 0, &about, sizeof(about), nullptr); status < 0) {
        throw_status(status, "NtQuerySection", object);
    }
    return {static_cast<std::uint64_t>(about.size.QuadPart), (about.attributes & SEC_RESERVE) != 0};
}

/// What the system calls an object, from the root of its names; empty for one without a name. The handle may have any right.
[[nodiscard]] inline std::wstring name_of_object(native_handle handle, std::string_view object) {
    constexpr int object_name_information = 1;
    using query_object = NTSTATUS NTAPI(HANDLE, int, void*, ULONG, ULONG*);
    // A name of the session's has 255 characters at most, behind its namespace.
    alignas(UNICODE_STRING) std::byte buffer[2048]{};
    ULONG length = 0;
    if (const NTSTATUS status =
            native_call<query_object>("NtQueryObject")(handle, object_name_information, buffer, sizeof(buffer), &length);
        status < 0) {
        throw_status(status, "NtQueryObject", object);
    }
    const auto& name = *reinterpret_cast<const UNICODE_STRING*>(buffer);
    return name.Buffer == nullptr ? std::wstring() : std::wstring(name.Buffer, name.Length / sizeof(wchar_t));
}

/// The names of all objects of a type ("Section") in the session, sorted.
[[nodiscard]] inline std::vector<std::string> names_of_session(std::wstring_view type) {
    struct entry {
        UNICODE_STRING name;
        UNICODE_STRING type;
    };
    using open_directory = NTSTATUS NTAPI(HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*);
    using query_directory = NTSTATUS NTAPI(HANDLE, void*, ULONG, BOOLEAN, BOOLEAN, ULONG*, ULONG*);
    constexpr ACCESS_MASK directory_query = 1;

    DWORD session = 0;
    ::ProcessIdToSessionId(::GetCurrentProcessId(), &session);
    std::wstring path = L"\\Sessions\\" + std::to_wstring(session) + L"\\BaseNamedObjects";
    UNICODE_STRING text{};
    text.Buffer = path.data();
    text.Length = text.MaximumLength = static_cast<USHORT>(path.size() * sizeof(wchar_t));
    OBJECT_ATTRIBUTES attributes{};
    attributes.Length = sizeof(attributes);
    attributes.ObjectName = &text;
    HANDLE opened = nullptr;
    if (const NTSTATUS status = native_call<open_directory>("NtOpenDirectoryObject")(&opened, directory_query, &attributes); status < 0) {
        throw_status(status, "NtOpenDirectoryObject", to_utf8(path));
    }
    const owned_handle directory(opened);

    const auto query = native_call<query_directory>("NtQueryDirectoryObject");
    const auto view = [](const UNICODE_STRING& each) { return std::wstring_view(each.Buffer, each.Length / sizeof(wchar_t)); };
    std::vector<std::string> names;
    alignas(entry) std::byte buffer[4096]; // one entry at a time: a name has 255 characters at most
    ULONG context = 0;
    ULONG length = 0;
    while (query(directory.get(), buffer, sizeof(buffer), TRUE, FALSE, &context, &length) >= 0) {
        const entry& one = *reinterpret_cast<const entry*>(buffer);
        if (one.name.Buffer == nullptr) {
            break;
        }
        if (view(one.type) == type) {
            names.push_back(to_utf8(view(one.name)));
        }
    }
    std::ranges::sort(names);
    return names;
}

} // namespace multiprocessing::platform::windows
