/** Upstreams: connecting, pooling, and the headers of forwarded requests. */
@NullMarked
package io.scopegate.gateway.forward;

import org.jspecify.annotations.NullMarked;
