import Type from 'typebox'

/** What the schemas of this folder are made of. */

export const text = (description?: string) => Type.String(description === undefined ? {} : { description })
export const yes = (description: string) => Type.Boolean({ description })
export const count = (description?: string) =>
  Type.Integer(description === undefined ? { minimum: 0 } : { minimum: 0, description })

export const orNull = <Schema extends Type.TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })

/** An object of just these properties. */
export const closed = <Properties extends Type.TProperties>(properties: Properties, description?: string) =>
  Type.Object(
    properties,
    description === undefined
      ? { additionalProperties: false }
      : { additionalProperties: false, description },
  )
