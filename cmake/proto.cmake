# puente_proto(TARGET ROOT <dir> PROTOS <file>... [GRPC] [DESCRIPTOR_SET <file.pb>] [IMPORTS <dir>...])
#
# A static library TARGET of the C++ that protoc generates for PROTOS (paths relative to ROOT), with grpc++ service
# stubs when GRPC is given. DESCRIPTOR_SET also writes the compiled FileDescriptorSet, imports included, to that
# file of the binary directory: what a user would hand to Puente.
function(puente_proto target)
  cmake_parse_arguments(ARG "GRPC" "ROOT;DESCRIPTOR_SET" "PROTOS;IMPORTS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(includes -I${ARG_ROOT})
  foreach(import ${ARG_IMPORTS})
    list(APPEND includes -I${import})
  endforeach()
  set(sources)
  foreach(proto ${ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" base ${proto})
    set(generated ${out}/${base}.pb.cc ${out}/${base}.pb.h)
    set(options --cpp_out=${out})
    if(ARG_GRPC)
      list(APPEND generated ${out}/${base}.grpc.pb.cc ${out}/${base}.grpc.pb.h)
      list(APPEND options --grpc_out=${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${generated}
      COMMAND protobuf::protoc ${includes} ${options} ${ARG_ROOT}/${proto}
      DEPENDS ${ARG_ROOT}/${proto}
      VERBATIM)
    list(APPEND sources ${generated})
  endforeach()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
  if(ARG_GRPC)
    target_link_libraries(${target} PUBLIC gRPC::grpc++)
  endif()
  # What protoc writes is not ours to lint.
  set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "")
  if(ARG_DESCRIPTOR_SET)
    set(absolute)
    foreach(proto ${ARG_PROTOS})
      list(APPEND absolute ${ARG_ROOT}/${proto})
    endforeach()
    add_custom_command(
      OUTPUT ${CMAKE_BINARY_DIR}/${ARG_DESCRIPTOR_SET}
      COMMAND protobuf::protoc ${includes} --include_imports
              --descriptor_set_out=${CMAKE_BINARY_DIR}/${ARG_DESCRIPTOR_SET} ${absolute}
      DEPENDS ${absolute}
      VERBATIM)
    add_custom_target(${target}_descriptor_set ALL DEPENDS ${CMAKE_BINARY_DIR}/${ARG_DESCRIPTOR_SET})
  endif()
endfunction()
