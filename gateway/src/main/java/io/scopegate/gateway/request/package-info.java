/** A request's way through one listener on one event loop. */
@NullMarked
package io.scopegate.gateway.request;

import org.jspecify.annotations.NullMarked;
