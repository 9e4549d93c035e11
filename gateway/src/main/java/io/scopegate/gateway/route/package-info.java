/** Finds the endpoint and the operation of a request in an exact allow-list. */
@NullMarked
package io.scopegate.gateway.route;

import org.jspecify.annotations.NullMarked;
