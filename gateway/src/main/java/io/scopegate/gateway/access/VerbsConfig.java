package io.scopegate.gateway.access;

import io.scopegate.config.Key;

/**
 * The verb of each operation.
 *
 * @param read the verb to read traces
 * @param write the verb to store traces
 * @param admin the verb to change a tenant's configuration
 */
public record VerbsConfig(
    @Key(doc = "Verb to read traces.", def = "get", reload = Key.Reload.AT_ONCE) String read,
    @Key(doc = "Verb to store traces.", def = "create", reload = Key.Reload.AT_ONCE) String write,
    @Key(
            doc = "Verb to change a tenant's configuration.",
            def = "update",
            reload = Key.Reload.AT_ONCE)
        String admin) {}
