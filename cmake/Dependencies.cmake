# Everything from outside, as imported targets. LibTorch's own CMake configuration is not used: the one in Python wheels
# insists on CUDA, so c10 and torch_cpu are declared here for both the system's package and a given LIBTORCH_ROOT.
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(TIFF 4.5 REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Boost REQUIRED COMPONENTS filesystem)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs)
find_path(CXXOPTS_INCLUDE_DIR cxxopts.hpp REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)

add_library(external_cxxopts INTERFACE IMPORTED)
target_include_directories(external_cxxopts SYSTEM INTERFACE ${CXXOPTS_INCLUDE_DIR})

add_library(external_xxhash INTERFACE IMPORTED)
target_include_directories(external_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE_DIR})
target_link_libraries(external_xxhash INTERFACE ${XXHASH_LIBRARY})

# A wheel's LibTorch carries another fmt among its headers; the header-only target keeps ours apart from any linked one.
# The compiler searches /usr/include last whatever it is told, so the system's fmt gets a folder of its own to be first.
get_target_property(fmt_include_dir fmt::fmt-header-only INTERFACE_INCLUDE_DIRECTORIES)
list(GET fmt_include_dir 0 fmt_include_dir)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/system_fmt)
file(CREATE_LINK ${fmt_include_dir}/fmt ${CMAKE_BINARY_DIR}/system_fmt/fmt SYMBOLIC)
add_library(external_fmt INTERFACE IMPORTED)
target_link_libraries(external_fmt INTERFACE fmt::fmt-header-only)
target_include_directories(external_fmt SYSTEM BEFORE INTERFACE ${CMAKE_BINARY_DIR}/system_fmt)

add_library(external_curl INTERFACE IMPORTED)
target_link_libraries(external_curl INTERFACE CURL::libcurl)

add_library(external_opencv INTERFACE IMPORTED)
target_include_directories(external_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})
target_link_libraries(external_opencv INTERFACE opencv_core opencv_imgproc opencv_imgcodecs)

if(LIBTORCH_ROOT)
  set(torch_include_hints ${LIBTORCH_ROOT}/include)
  set(torch_library_hints ${LIBTORCH_ROOT}/lib)
  find_path(TORCH_INCLUDE_DIR ATen/ATen.h PATHS ${torch_include_hints} NO_DEFAULT_PATH REQUIRED)
  find_library(TORCH_CPU_LIBRARY torch_cpu PATHS ${torch_library_hints} NO_DEFAULT_PATH REQUIRED)
  find_library(C10_LIBRARY c10 PATHS ${torch_library_hints} NO_DEFAULT_PATH REQUIRED)
else()
  find_path(TORCH_INCLUDE_DIR ATen/ATen.h REQUIRED)
  find_library(TORCH_CPU_LIBRARY torch_cpu REQUIRED)
  find_library(C10_LIBRARY c10 REQUIRED)
endif()
find_path(TORCH_API_INCLUDE_DIR torch/torch.h
          PATHS ${TORCH_INCLUDE_DIR}/torch/csrc/api/include NO_DEFAULT_PATH REQUIRED)

add_library(external_torch INTERFACE IMPORTED)
target_include_directories(external_torch SYSTEM INTERFACE
  ${CMAKE_BINARY_DIR}/system_fmt ${TORCH_INCLUDE_DIR} ${TORCH_API_INCLUDE_DIR})
target_link_libraries(external_torch INTERFACE external_fmt ${TORCH_CPU_LIBRARY} ${C10_LIBRARY} OpenMP::OpenMP_CXX)
if(LIBTORCH_ROOT)
  target_link_options(external_torch INTERFACE -Wl,-rpath,${LIBTORCH_ROOT}/lib -Wl,--allow-shlib-undefined)
endif()
