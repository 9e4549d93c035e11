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
            doc = "Header with the user's name; omitted if the name is not valid in a header.",
            def = "x-remote-user",
            reload = Key.Reload.AT_ONCE)
        String user,
    @Key(
            doc =
                "Header with the user's groups, without groups that contain the separator or are"
                    + " not valid in a header.",
            def = "x-remote-groups",
            reload = Key.Reload.AT_ONCE)
        String groups,
    @Key(doc = "Separator between two groups.", def = "\"|\"", reload = Key.Reload.AT_ONCE)
        String separator) {}
