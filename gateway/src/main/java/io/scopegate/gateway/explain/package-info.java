/** What would become of a request, and why: step by step, without forwarding it. */
@NullMarked
package io.scopegate.gateway.explain;

import org.jspecify.annotations.NullMarked;
