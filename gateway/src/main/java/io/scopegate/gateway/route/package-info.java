/** Which endpoint is it, and which operation: a table, and nothing that is not in it. */
@NullMarked
package io.scopegate.gateway.route;

import org.jspecify.annotations.NullMarked;
