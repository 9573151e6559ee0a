#pragma once

namespace austin {

/// Whether all threads of this process have one processor between them: what another one does is not worth waiting for without
/// giving it up.
bool HasOneProcessor();

}  // namespace austin
