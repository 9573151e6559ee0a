{
  "targets": [
    {
      "target_name": "austin_sampler",
      # Listed at configure time: a new .cc file under src needs no line here.
      "sources": [
        "<!@(node -p \"require('node:fs').readdirSync('src',{recursive:true}).filter((f)=>f.endsWith('.cc')).sort().map((f)=>'src/'+f).join(' ')\")",
      ],
      "include_dirs": ["src", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        # Nothing is thrown across the boundary: every call into JavaScript returns a Maybe.
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_ENABLE_MAYBE",
        # In a worker that is being terminated every call fails, which is no error of ours.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
      ],
      "cflags!": ["-O3"],
      "cflags_cc!": ["-O3", "-std=gnu++17"],
      "cflags_cc": ["-std=gnu++20", "-O2", "-Wall", "-Wextra", "-fno-exceptions", "-fvisibility=hidden", "-pthread"],
      "ldflags": ["-pthread"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "gnu++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      },
    },
  ],
}
