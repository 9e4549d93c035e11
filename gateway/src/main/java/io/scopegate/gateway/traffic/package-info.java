/**
 * What passes through the gateway, from its own metrics: what {@code scopegate top} and the console
 * show is worked out here, once.
 */
@NullMarked
package io.scopegate.gateway.traffic;

import org.jspecify.annotations.NullMarked;
