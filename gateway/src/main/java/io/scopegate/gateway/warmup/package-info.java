/** What the gateway does to be fast from the first request on. */
@NullMarked
package io.scopegate.gateway.warmup;

import org.jspecify.annotations.NullMarked;
