# libtorch from the PyPI wheel that deploy/install unpacks. The wheel's own CMake config wants a CUDA toolkit, so it is
# not used: this links libtorch_cpu and libc10 only; libtorch_cuda is found at run time where there is a GPU.
#   Torch::cpu    headers, torch_cpu, c10
#   Torch::cuda   those and torch_cuda, c10_cuda, the CUDA runtime: for libtroupe_cuda.so alone
set(TROUPE_TORCH "$ENV{HOME}/.cache/troupe/libtorch" CACHE PATH "The folder that deploy/install unpacked libtorch into")
if(DEFINED ENV{TROUPE_CACHE})
  set(TROUPE_TORCH "$ENV{TROUPE_CACHE}/libtorch")
endif()

find_path(TORCH_INCLUDE ATen/ATen.h PATHS ${TROUPE_TORCH}/torch/include NO_DEFAULT_PATH)
find_library(TORCH_CPU torch_cpu PATHS ${TROUPE_TORCH}/torch/lib NO_DEFAULT_PATH)
find_library(TORCH_C10 c10 PATHS ${TROUPE_TORCH}/torch/lib NO_DEFAULT_PATH)
find_library(TORCH_CUDA torch_cuda PATHS ${TROUPE_TORCH}/torch/lib NO_DEFAULT_PATH)
find_library(TORCH_C10_CUDA c10_cuda PATHS ${TROUPE_TORCH}/torch/lib NO_DEFAULT_PATH)
find_library(TORCH_CUDART NAMES libcudart.so.13 PATHS ${TROUPE_TORCH}/nvidia/cu13/lib NO_DEFAULT_PATH)
find_path(TORCH_CUDA_INCLUDE crt/host_defines.h PATHS ${TROUPE_TORCH}/nvidia/cu13/include NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Torch
  REQUIRED_VARS TORCH_INCLUDE TORCH_CPU TORCH_C10 TORCH_CUDA TORCH_C10_CUDA TORCH_CUDART TORCH_CUDA_INCLUDE
  REASON_FAILURE_MESSAGE "run deploy/install build, or set TROUPE_TORCH to an unpacked torch 2.11.0 wheel")

if(Torch_FOUND AND NOT TARGET Torch::cpu)
  add_library(Torch::cpu INTERFACE IMPORTED)
  target_include_directories(Torch::cpu SYSTEM INTERFACE
    ${TORCH_INCLUDE} ${TORCH_INCLUDE}/torch/csrc/api/include)
  target_link_libraries(Torch::cpu INTERFACE ${TORCH_CPU} ${TORCH_C10})
  # libtorch_cpu names the CUDA runtime's .so files even where no GPU is used.
  file(GLOB nvidia_libs ${TROUPE_TORCH}/nvidia/cu13/lib)
  target_link_options(Torch::cpu INTERFACE
    -Wl,--disable-new-dtags -Wl,-rpath,${TROUPE_TORCH}/torch/lib -Wl,-rpath,${nvidia_libs}
    -Wl,-rpath-link,${TROUPE_TORCH}/torch/lib -Wl,-rpath-link,${nvidia_libs})

  # What libtorch_cuda itself needs (cuBLAS, cuDNN, ...) need not be here to link, only to run: deploy/install cuda.
  add_library(Torch::cuda INTERFACE IMPORTED)
  target_include_directories(Torch::cuda SYSTEM INTERFACE ${TORCH_CUDA_INCLUDE})
  target_link_libraries(Torch::cuda INTERFACE Torch::cpu ${TORCH_CUDA} ${TORCH_C10_CUDA} ${TORCH_CUDART})
  target_link_options(Torch::cuda INTERFACE -Wl,--allow-shlib-undefined)
endif()
