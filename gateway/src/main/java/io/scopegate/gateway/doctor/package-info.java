/** Asks everything that a gateway depends on once, and says what to do about what is wrong. */
@NullMarked
package io.scopegate.gateway.doctor;

import org.jspecify.annotations.NullMarked;
