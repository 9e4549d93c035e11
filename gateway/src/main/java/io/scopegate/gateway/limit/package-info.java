/** What a tenant may use at most. */
@NullMarked
package io.scopegate.gateway.limit;

import org.jspecify.annotations.NullMarked;
