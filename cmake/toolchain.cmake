# How every target of Puente is compiled: warnings, sanitizers, caches.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # The sloppiness lets ccache work with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE})
endif()
find_program(MOLD mold)
# Not with link-time optimisation: mold 1.10 aborts over its objects.
if(MOLD AND NOT PUENTE_LTO)
  add_link_options(-fuse-ld=mold)
endif()

# puente_lto(TARGET): compiled so that the product's binary is optimised as a whole, and tests still link quickly.
function(puente_lto target)
  if(PUENTE_LTO)
    target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
  endif()
endfunction()

# puente_allocator(TARGET): with jemalloc, in which gRPC's many small allocations cost half of what they do in glibc. Sanitizers
# bring their own.
if(NOT PUENTE_SANITIZE)
  if(PUENTE_STATIC)
    find_library(JEMALLOC_STATIC libjemalloc.a REQUIRED)
    set(JEMALLOC ${JEMALLOC_STATIC})
  else()
    find_library(JEMALLOC jemalloc REQUIRED)
  endif()
endif()
function(puente_allocator target)
  if(JEMALLOC)
    target_link_options(${target} PRIVATE -Wl,--no-as-needed)
    target_link_libraries(${target} PRIVATE ${JEMALLOC})
  endif()
endfunction()

add_compile_options(-Wall -Wextra -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 reports these falsely in the code it generates for coroutines and inlined std::string.
  add_compile_options(-fpch-preprocess -Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-reference)
endif()

if(PUENTE_SANITIZE)
  add_compile_options(-fsanitize=${PUENTE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PUENTE_SANITIZE})
  if(PUENTE_SANITIZE MATCHES "undefined")
    # grpc++, protobuf and Asio of Debian are not built with RTTI-checked vtables.
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()
if(PUENTE_SANITIZE STREQUAL "thread")
  # protobuf's headers lay out their classes differently under this macro, and Debian's library is built without it.
  add_compile_options(-U__SANITIZE_THREAD__)
  # ThreadSanitizer knows no fences. Asio's are for handlers of single-threaded contexts; its queues are behind mutexes.
  add_compile_options(-Wno-tsan)
endif()
if(PUENTE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
