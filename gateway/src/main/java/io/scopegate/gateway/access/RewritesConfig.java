package io.scopegate.gateway.access;

import io.scopegate.config.Key;
import org.jspecify.annotations.Nullable;

/**
 * Where a proxied request names what is reviewed; each value that is found is reviewed.
 *
 * @param header a header
 * @param query a parameter of the query
 */
public record RewritesConfig(
    @Key(doc = "Header whose values are reviewed.", reload = Key.Reload.AT_ONCE)
        @Nullable String header,
    @Key(doc = "Query parameter whose values are reviewed.", reload = Key.Reload.AT_ONCE)
        @Nullable String query) {}
