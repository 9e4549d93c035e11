/** Asks what stands around the gateway whether it is there and what it is, and says what to do. */
@NullMarked
package io.scopegate.gateway.probe;

import org.jspecify.annotations.NullMarked;
