/** Explains what would happen to a request, step by step, without forwarding it. */
@NullMarked
package io.scopegate.gateway.explain;

import org.jspecify.annotations.NullMarked;
