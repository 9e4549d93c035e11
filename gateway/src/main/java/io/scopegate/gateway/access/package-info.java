/** Who, which tenant, and may they: joins {@code authz} with the request. */
@NullMarked
package io.scopegate.gateway.access;

import org.jspecify.annotations.NullMarked;
