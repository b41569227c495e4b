#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/windows/child.hpp>
#include <multiprocessing/platform/windows/inherited_handles.hpp>
#include <multiprocessing/platform/windows/unicode.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cwchar>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace multiprocessing::platform::windows {

/// The file this program was started from.
[[nodiscard]] inline std::wstring path_of_this_program() {
    std::wstring path(MAX_PATH, L'\0');
    for (;;) {
        const DWORD length = ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
        if (length == 0) {
            throw_os_error(last_os_error(), "GetModuleFileName", "this program");
        }
        if (length < path.size()) {
            path.resize(length);
            return path;
        }
        path.resize(2 * path.size());
    }
}

/// The environment as it is now, and one variable more, as CreateProcess takes it: sorted by name, regardless of case.
[[nodiscard]] inline std::wstring environment_and(std::wstring_view variable, const std::wstring& value) {
    const std::unique_ptr<wchar_t, BOOL (*)(wchar_t*)> all(::GetEnvironmentStringsW(), &::FreeEnvironmentStringsW);
    if (!all) {
        throw std::bad_alloc();
    }
    const std::wstring ours = std::wstring(variable) + L'=' + value;
    std::wstring block;
    bool stands = false;
    const auto append = [&](std::wstring_view entry) { block.append(entry).push_back(L'\0'); };
    for (const wchar_t* at = all.get(); *at != L'\0'; at += std::wcslen(at) + 1) {
        const std::wstring_view entry(at);
        // A name may begin with =: that is how the system keeps the current folders of drives.
        const std::wstring_view name = entry.substr(0, entry.find(L'=', 1));
        const int order = ::CompareStringOrdinal(name.data(), static_cast<int>(name.size()), variable.data(),
                                                 static_cast<int>(variable.size()), TRUE);
        if (!stands && order != CSTR_LESS_THAN) {
            append(ours);
            stands = true;
        }
        if (order != CSTR_EQUAL) {
            append(entry);
        }
    }
    if (!stands) {
        append(ours);
    }
    block.push_back(L'\0');
    return block;
}

/// Copies of handles that a child is to inherit. They are inheritable, and no other handle ever is; they are closed when the child has
/// been made. (A program that is started meanwhile with *all* inheritable handles, by somebody else's call in another thread, gets them
/// too; the system has no way to prevent that but that call's own list.)
class inheritable_handles {
public:
    /// The copy, which has the same value in the child.
    native_handle add(native_handle handle) {
        const native_handle copy = add_if_possible(handle);
        if (copy == nullptr) {
            throw_os_error(last_os_error(), "DuplicateHandle", "a handle for a child process");
        }
        return copy;
    }

    /// Null when there is nothing to copy, as for the standard output of a program without one.
    native_handle add_if_possible(native_handle handle) {
        owned_.reserve(owned_.size() + 1);
        values_.reserve(values_.size() + 1);
        HANDLE copy = nullptr;
        if (handle == nullptr || ::DuplicateHandle(::GetCurrentProcess(), handle, ::GetCurrentProcess(), &copy, 0, TRUE,
                                                   DUPLICATE_SAME_ACCESS) == 0) {
            return nullptr;
        }
        owned_.emplace_back(copy);
        values_.push_back(copy);
        return copy;
    }

    /// An end of nothing: reading gives the end of the file.
    native_handle add_null_input() {
        SECURITY_ATTRIBUTES inheritable{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
        const HANDLE null = ::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inheritable,
                                          OPEN_EXISTING, 0, nullptr);
        if (null == INVALID_HANDLE_VALUE) {
            throw_os_error(last_os_error(), "CreateFile", "NUL");
        }
        owned_.emplace_back(null);
        values_.push_back(null);
        return null;
    }

    [[nodiscard]] std::vector<HANDLE>& values() noexcept { return values_; }

private:
    std::vector<owned_handle> owned_;
    std::vector<HANDLE> values_;
};

/// What CreateProcess is told beyond the ordinary: that the child inherits these handles and no others.
class handle_list {
public:
    explicit handle_list(std::vector<HANDLE>& handles) {
        SIZE_T bytes = 0;
        ::InitializeProcThreadAttributeList(nullptr, 1, 0, &bytes); // fails, and says how many
        storage_ = std::make_unique<std::byte[]>(bytes);
        if (::InitializeProcThreadAttributeList(get(), 1, 0, &bytes) == 0) {
            throw_os_error(last_os_error(), "InitializeProcThreadAttributeList", "a child process");
        }
        if (::UpdateProcThreadAttribute(get(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles.data(),
                                        handles.size() * sizeof(HANDLE), nullptr, nullptr) == 0) {
            const int code = last_os_error();
            ::DeleteProcThreadAttributeList(get());
            throw_os_error(code, "UpdateProcThreadAttribute", "the handles for a child process");
        }
    }
    ~handle_list() { ::DeleteProcThreadAttributeList(get()); }
    handle_list(const handle_list&) = delete;
    handle_list& operator=(const handle_list&) = delete;

    [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST get() const noexcept {
        return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(storage_.get());
    }

private:
    std::unique_ptr<std::byte[]> storage_;
};

/// Of stdout alone: `fflush(nullptr)` waits for whoever reads standard input.
inline void write_printed_output() noexcept { std::fflush(stdout); }

[[nodiscard]] inline std::string name_of_started() { return to_utf8(path_of_this_program()); }

[[nodiscard]] inline std::unique_ptr<child> start_self(std::span<const native_handle> handles, [[maybe_unused]] bool inherit_signals = false) {
    auto one = std::make_unique<child>();
    inheritable_handles inherited;
    std::wstring values = std::to_wstring(::GetCurrentProcessId()) + L':';
    for (const native_handle each : handles) {
        values += std::to_wstring(reinterpret_cast<std::uintptr_t>(inherited.add(each))) + L',';
    }
    STARTUPINFOEXW start{};
    start.StartupInfo.cb = sizeof(start);
    start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    start.StartupInfo.hStdInput = inherited.add_null_input();
    start.StartupInfo.hStdOutput = inherited.add_if_possible(::GetStdHandle(STD_OUTPUT_HANDLE));
    start.StartupInfo.hStdError = inherited.add_if_possible(::GetStdHandle(STD_ERROR_HANDLE));
    const handle_list list(inherited.values());
    start.lpAttributeList = list.get();

    const std::wstring program = path_of_this_program();
    std::wstring command_line = ::GetCommandLineW(); // CreateProcess writes to it
    std::wstring environment = environment_and(handed_over_variable, values);
    PROCESS_INFORMATION made{};
    const auto create = [&] {
        return ::CreateProcessW(program.c_str(), command_line.data(), nullptr, nullptr, TRUE,
                                CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT, environment.data(), nullptr,
                                &start.StartupInfo, &made) != 0;
    };
    // Under load, wine now and then loses a new process before it has begun, and says so by this code: there is no child, so ask again.
    bool created = create();
    for (int again = 0; !created && last_os_error() == ERROR_INTERNAL_ERROR && again < 5; ++again) {
        created = create();
    }
    if (!created) {
        throw_os_error(last_os_error(), "CreateProcess", "this program");
    }
    ::CloseHandle(made.hThread);
    one->adopt(owned_handle(made.hProcess), made.dwProcessId);
    return one;
}

} // namespace multiprocessing::platform::windows
