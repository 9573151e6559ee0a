/**
 * Names that writers show for what is no function. No function of Python has angle brackets around two words,
 * so none can be mistaken for these.
 */

/** The stack of a sample without frames: viewers drop samples without a frame, and their weight with them. */
export const NO_FRAMES = '<no Python frames>';
/** Innermost, where the garbage collector ran. */
export const GARBAGE_COLLECTION = '<garbage collection>';
/** Outermost, where the stack could not be read whole. */
export const INVALID_STACK = '<invalid stack>';
/** Innermost, where a stack was cut because it weighed too little to be kept whole. */
export const LIGHTER_PATHS = '<lighter paths>';
/** A function whose name is the empty string. */
export const UNNAMED = '<unnamed>';
