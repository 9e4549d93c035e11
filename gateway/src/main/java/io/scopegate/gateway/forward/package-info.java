/** Upstreams: choosing, connecting, pooling. */
@NullMarked
package io.scopegate.gateway.forward;

import org.jspecify.annotations.NullMarked;
