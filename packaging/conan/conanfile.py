"""Conan 2: `conan create packaging/conan` from the root of the tree makes the package and builds test_package with it."""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout

_TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)


class MultiprocessingConan(ConanFile):
    name = "multiprocessing"
    description = "Processes and shared values after Python's multiprocessing, header-only C++20"
    license = "BSL-1.0"
    topics = ("ipc", "shared-memory", "multiprocessing", "synchronization")
    package_type = "static-library"  # or headers alone: see configure
    settings = "os", "arch", "compiler", "build_type"
    options = {"compiled": [True, False], "with_cereal": [True, False]}
    default_options = {"compiled": False, "with_cereal": False}
    no_copy_source = True

    def set_version(self):
        header = load(self, os.path.join(_TREE, "include", "multiprocessing", "version.hpp"))
        self.version = ".".join(re.findall(r"define MULTIPROCESSING_VERSION_[A-Z]+ (\d+)", header))

    def export_sources(self):
        for pattern in "include/*.[hi]pp", "src/*.cpp", "cmake/*", "CMakeLists.txt", "LICENSE":
            copy(self, pattern, _TREE, self.export_sources_folder)

    def configure(self):
        if not self.options.compiled:
            self.package_type = "header-library"

    def layout(self):
        basic_layout(self, src_folder=".")

    def requirements(self):
        self.requires("boost/[>=1.74 <2]", options={"header_only": True}, transitive_headers=True)
        if self.options.with_cereal:
            self.requires("cereal/[>=1.3 <2]", transitive_headers=True)

    def package_id(self):
        if not self.info.options.compiled:
            self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os not in ("Linux", "Windows"):
            raise ConanInvalidConfiguration(f"multiprocessing has no backend for {self.settings.os} yet")

    def generate(self):
        if self.options.compiled:
            CMakeDeps(self).generate()
            toolchain = CMakeToolchain(self)
            toolchain.cache_variables["MULTIPROCESSING_INSTALL"] = False
            toolchain.generate()

    def build(self):
        if self.options.compiled:
            cmake = CMake(self)
            cmake.configure()
            cmake.build(target="multiprocessing_compiled")

    def package(self):
        copy(self, "*.[hi]pp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        for pattern in "*.a", "*.lib":
            copy(self, pattern, self.build_folder, os.path.join(self.package_folder, "lib"), keep_path=False)

    def package_info(self):
        self.cpp_info.bindirs = []
        if self.options.compiled:
            self.cpp_info.libs = ["multiprocessing"]
            self.cpp_info.defines = ["MULTIPROCESSING_COMPILED=1"]
            self.cpp_info.set_property("cmake_target_aliases", ["multiprocessing::compiled"])
        else:
            self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "multiprocessing")
        self.cpp_info.set_property("cmake_target_name", "multiprocessing::multiprocessing")
        self.cpp_info.set_property("pkg_config_name", "multiprocessing")
        self.cpp_info.requires = ["boost::headers"] + (["cereal::cereal"] if self.options.with_cereal else [])
        if self.options.with_cereal:
            self.cpp_info.defines.append("MULTIPROCESSING_CEREAL=1")
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread", "rt"]
