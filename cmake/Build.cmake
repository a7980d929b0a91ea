# Configures (only when needed, or when arguments changed) and builds a preset: cmake -DPRESET= -DTARGETS= -DJOBS= -DARGS= -P Build.cmake
get_filename_component(SOURCE_DIR ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
separate_arguments(ARGS UNIX_COMMAND "${ARGS}")
separate_arguments(TARGETS UNIX_COMMAND "${TARGETS}")
execute_process(COMMAND ${CMAKE_COMMAND} --preset ${PRESET} ${ARGS} WORKING_DIRECTORY ${SOURCE_DIR}
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result)
  message(FATAL_ERROR "${output}")
endif()
set(target_arguments "")
if(TARGETS)
  set(target_arguments --target ${TARGETS})
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --build --preset ${PRESET} -j ${JOBS} ${target_arguments}
                WORKING_DIRECTORY ${SOURCE_DIR} RESULT_VARIABLE result)
if(result)
  message(FATAL_ERROR "the build failed")
endif()
