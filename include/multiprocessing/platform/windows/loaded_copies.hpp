#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/platform/library_copy.hpp>
#include <multiprocessing/platform/windows/unicode.hpp>
#include <multiprocessing/platform/windows/windows_api.hpp>

#include <psapi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace multiprocessing::platform::windows {

/// Each program and each DLL that has been compiled with the definitions has one, in a section of its own, by which the others find it. (A DLL exports it to
/// nobody: one that is marked as exported changes what else a linker exports.)
extern constinit library_copy copy_of_this_module;
inline constexpr char section_of_copies[] = ".mpcopy"; // and the NUL that ends it

class loaded_copies {
public:
    [[nodiscard]] static library_copy& mine() noexcept { return copy_of_this_module; }

    using module = ::HMODULE;

    [[nodiscard]] static std::string path_of(module one) {
        if (one == ::GetModuleHandleW(nullptr)) {
            return {};
        }
        std::wstring path(MAX_PATH, L'\0');
        path.resize(::GetModuleFileNameW(one, path.data(), static_cast<::DWORD>(path.size())));
        return to_utf8(path);
    }

    // Asked while a module is initialised, with the loader's lock held.
    template <class Visit>
    static void for_each(Visit visit) {
        std::vector<module> modules(64);
        ::DWORD bytes = 0;
        for (;;) {
            const auto room = static_cast<::DWORD>(modules.size() * sizeof(module));
            if (::K32EnumProcessModules(::GetCurrentProcess(), modules.data(), room, &bytes) == 0) {
                return; // this copy is the only one that is known
            }
            if (bytes <= room) {
                break;
            }
            modules.resize(bytes / sizeof(module));
        }
        modules.resize(bytes / sizeof(module));
        for (const module each : modules) {
            if (library_copy* const copy = copy_in(each)) {
                visit(*copy, each);
            }
        }
    }

    static void stay(module /*mine*/) noexcept {
        module kept = nullptr;
        static_cast<void>(::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                                               reinterpret_cast<::LPCWSTR>(&copy_of_this_module), &kept));
    }

private:
    /// By the headers that each module begins with.
    [[nodiscard]] static library_copy* copy_in(module one) noexcept {
        const auto base = reinterpret_cast<std::uintptr_t>(one);
        const auto& dos = *reinterpret_cast<const ::IMAGE_DOS_HEADER*>(base);
        if (dos.e_magic != IMAGE_DOS_SIGNATURE) {
            return nullptr;
        }
        const auto& head = *reinterpret_cast<const ::IMAGE_NT_HEADERS*>(base + static_cast<std::uintptr_t>(dos.e_lfanew));
        if (head.Signature != IMAGE_NT_SIGNATURE) {
            return nullptr;
        }
        const ::IMAGE_SECTION_HEADER* const sections = IMAGE_FIRST_SECTION(&head);
        for (std::size_t i = 0; i < head.FileHeader.NumberOfSections; ++i) {
            static_assert(sizeof(section_of_copies) == IMAGE_SIZEOF_SHORT_NAME);
            if (std::memcmp(sections[i].Name, section_of_copies, IMAGE_SIZEOF_SHORT_NAME) == 0 && sections[i].Misc.VirtualSize >= sizeof(library_copy)) {
                return reinterpret_cast<library_copy*>(base + sections[i].VirtualAddress);
            }
        }
        return nullptr;
    }
};

} // namespace multiprocessing::platform::windows

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/platform/windows/loaded_copies.ipp>
#endif
