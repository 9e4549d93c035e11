package io.scopegate.gateway.forward;

import io.scopegate.config.Key;

/**
 * Headers that tell upstream who the user is; what clients send under these names never gets there.
 *
 * @param user the header with the user's name
 * @param groups the header with the groups
 * @param separator what is between two groups
 */
public record IdentityHeadersConfig(
    @Key(
            doc = "Header with the user's name; left out for a name that cannot stand in a header.",
            def = "x-remote-user",
            reload = Key.Reload.AT_ONCE)
        String user,
    @Key(
            doc =
                "Header with the user's groups; without those that hold the separator or cannot"
                    + " stand in a header.",
            def = "x-remote-groups",
            reload = Key.Reload.AT_ONCE)
        String groups,
    @Key(doc = "What is between two groups.", def = "\"|\"", reload = Key.Reload.AT_ONCE)
        String separator) {}
