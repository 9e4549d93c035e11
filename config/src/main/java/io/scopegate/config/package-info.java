/** Strict configuration: mechanism and value types; knows neither tenants nor Kubernetes. */
@NullMarked
package io.scopegate.config;

import org.jspecify.annotations.NullMarked;
